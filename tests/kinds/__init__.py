"""The table of modules and files in docs/interop.md: a row is made by converting one and comparing spikes."""
