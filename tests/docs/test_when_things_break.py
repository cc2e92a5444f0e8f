"""Every fault that the page names has its test."""

from __future__ import annotations

from places import ROOT

TESTS = {
    "No room for an artifact": ("fuzz/test_full_disk.py::test_no_room_for_an_artifact",),
    "No room for a report": ("fuzz/test_full_disk.py::test_no_room_for_a_report",),
    "The disk or a quota becomes full while another file is written": (
        "fuzz/test_full_disk.py::test_a_disk_that_fills_in_the_middle",
        "fuzz/test_full_disk.py::test_a_disk_that_fills_under_a_trace",
        "unit/trainer/test_tensorboard.py::test_a_log_on_a_full_disk",
    ),
    "A full disk under a sweep": ("e2e/test_few_lines.py::test_a_sweep_on_a_full_disk_says_so_once",),
    "No room for a compiler's files": ("e2e/test_few_lines.py::test_of_a_compiler_the_error_is_shown",),
    "No room, or no folder, for temporary files": (
        "fuzz/test_full_disk.py::test_no_room_for_temporary_files",
        "fuzz/test_environment.py::test_no_folder_for_temporary_files",
    ),
    "No room for Python's compiled files (Python before 3.12.8)": (
        "unit/cli/test_bytecode.py::test_a_compiled_file_that_is_cut_short_is_named",
    ),
    "Triton cannot build or run its kernels on a GPU: no C compiler, no room, an old GPU": (
        "unit/trainer/test_triton_lif.py::test_where_triton_fails_torch_operations_are_used",
    ),
    "A read-only, forbidden or full folder, or a quota": (
        "fuzz/test_full_disk.py::test_a_folder_that_takes_nothing",
    ),
    "The output already exists, made from another model, configuration or options": (
        "unit/exporter/test_replacing.py::test_other_options_are_not_replaced",
        "unit/exporter/test_replacing.py::test_a_model_of_another_configuration_is_not_replaced",
    ),
    (
        "A checkpoint exists, and `--resume` is not given; in Python, any file that `checkpoint` "
        "names, without `resume`"
    ): (
        "unit/exporter/test_replacing.py::test_a_checkpoint_is_gone_on_from_or_given_up_on_purpose",
        "unit/api/test_arguments_together.py::test_no_file_is_replaced_by_a_checkpoint",
    ),
    "Ctrl-C, SIGTERM or SIGHUP in `export`, `verify`, `train`, `run` or `demo`": (
        "fuzz/test_killed.py::test_a_signal_at_any_moment",
        "unit/io/test_signals.py::test_one_that_is_lost_in_a_callback_is_raised_again",
    ),
    "Ctrl-C in `encode`": ("unit/cli/test_encode.py::test_an_interrupt_leaves_nothing",),
    "Ctrl-C, SIGTERM or SIGHUP in `sweep`": (
        "unit/trainer/test_sweep_runner.py::test_an_ended_sweep_leaves_no_worker",
    ),
    "`kill -9` in `export` or `verify`": ("fuzz/test_killed.py::test_ended_at_any_moment",),
    "`kill -9` in `place`, or in a `verify` that compiles": (
        "unit/io/test_scratch.py::test_the_next_removes_what_a_killed_process_left",
    ),
    "`kill -9` while one artifact takes the other's place": (
        "fuzz/test_killed.py::test_killed_between_the_two_renames",
    ),
    "`kill -9` in `train`": (
        "unit/trainer/test_resume.py::test_a_killed_run_resumes_to_the_same_model",
        "unit/trainer/test_resume.py::test_a_run_killed_in_every_phase_resumes_to_the_same_model",
    ),
    "`kill -9` in `sweep`": ("unit/trainer/test_sweep_runner.py::test_a_killed_sweep_goes_on",),
    "A worker of a sweep dies": (
        "unit/trainer/test_sweep_runner.py::test_a_worker_that_dies_is_a_failed_run",
    ),
    "Two sweeps in one folder": ("unit/trainer/test_sweep_runner.py::test_two_sweeps_do_not_share_a_folder",),
    "Several `export` and `verify` commands on one artifact": (
        "fuzz/test_killed.py::test_several_at_one_artifact",
    ),
    "Two trainings of one model file": ("fuzz/test_killed.py::test_two_trainings_of_one_model",),
    "An artifact is replaced or removed while `verify` reads it": (
        "fuzz/test_killed.py::test_an_artifact_that_changes_while_it_is_verified",
    ),
    "A FIFO, a device or a socket instead of a file, to read or to write": (
        "fuzz/test_hostile_files.py::test_every_command_names_the_fifo_that_it_is_given",
    ),
    "stdout is full or closed": ("fuzz/test_environment.py::test_a_stream_that_is_full_or_closed",),
    "Memory runs out, or `ulimit -v` is reached": ("fuzz/test_environment.py::test_no_memory",),
    "No home folder, or it cannot be written": ("fuzz/test_environment.py::test_no_home",),
    "No Lava: neither uv nor a Python 3.10": (
        "unit/targets/loihi/test_interpreter.py::test_nothing_at_all_names_the_remedy",
    ),
    "The Python for Lava does not run, or is not 3.10": (
        "unit/targets/loihi/test_interpreter.py::test_chosen_python_that_will_not_do_is_named",
    ),
    "No network for Lava's environment": (
        "unit/targets/loihi/test_interpreter.py::test_uv_that_fails_is_reported",
    ),
    "No network for `train --download`": (
        "unit/trainer/data/test_download.py::test_without_a_network_the_text_says_what_to_do",
        "unit/trainer/data/test_download.py::test_a_broken_download_goes_on",
    ),
    "Lava hangs": (
        "unit/targets/test_processes.py::test_time_limit_is_named",
        "unit/targets/test_processes.py::test_command_that_fails_but_hangs_is_ended",
    ),
    "`run.py` of Lava is killed": ("unit/targets/loihi/test_endings.py::test_run_py_is_killed",),
    "A process of a network in Lava is killed": (
        "unit/targets/loihi/test_endings.py::test_one_process_of_lava_is_killed",
    ),
    "`snnc` is ended while Lava runs": ("unit/targets/loihi/test_endings.py::test_signal_to_snnc",),
    "A damaged or truncated file": (
        "e2e/test_verify_cli.py::test_a_damaged_artifact",
        "e2e/test_export_cli.py::test_a_truncated_model",
    ),
}
"""Fault -> the tests that cause it."""


def test_every_line_of_the_page_has_its_test() -> None:
    page = (ROOT / "docs" / "when_things_break.md").read_text()
    lines = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("|")][2:]
    assert len(lines) >= 15
    assert [fault for fault, *_ in lines] == [*TESTS]
    for fault, named in TESTS.items():
        assert named, fault
        for file, test in (each.split("::") for each in named):
            assert f"def {test}(" in (ROOT / "tests" / file).read_text(), (file, test)
