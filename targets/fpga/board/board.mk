
# The board. YOSYS, PLACE and PACK take the tools of the wheels, too: README.md names them.
YOSYS ?= yosys
PLACE ?= @PLACE@
PACK ?= @PACK@
PROGRAM ?= @PROGRAM@
SEED ?= 1
LINK := @LINK@
BOARD := $(LINK:%=board/snnc_%.v) $(RTL)
BUILD_INPUTS := $(BOARD) board/snnc_@BOARD@.v rtl/params.vh board/board.vh $(wildcard mem/*.hex)

.PHONY: synthesise place again bitstream program uart lint-board

synthesise: obj/board.json

obj/board.json: $(BUILD_INPUTS)
	mkdir -p obj
	TMPDIR=obj $(call tool,$(YOSYS),YOSYS) -q -l obj/synthesis.log -p "@READ@ board/snnc_@BOARD@.v $(BOARD); \
		@SYNTHESISE@ -top snnc_@BOARD@ -json $@; check -assert; stat"
	python3 board/absorb.py $@

obj/placed.@SUFFIX@: obj/board.json $(if $(filter command,$(origin SEED)),again)
	$(call tool,$(PLACE),PLACE) --json obj/board.json @CONSTRAINTS@ @PLACED@ $@ --report obj/place.json \
		--freq @MHZ@ --seed $(SEED) --log obj/place.log -q \
		|| { grep -a "FAIL at" obj/place.log | tail -1; echo "README.md says what to change"; exit 1; }

place: obj/placed.@SUFFIX@
	grep -a "Max frequency" obj/place.log | tail -1

obj/board.bit: obj/placed.@SUFFIX@
	$(call tool,$(PACK),PACK) @PACKING@

bitstream: obj/board.bit

program: obj/board.bit
	$(call tool,$(PROGRAM),PROGRAM) @LOAD@
	$(call tool,$(PROGRAM),PROGRAM) $<

# The serial link in a simulator: what the board would answer to EVENTS.
SIMULATED := board/snnc_link_sim.v board/snnc_flash_sim.v $(BOARD)
obj/link/snnc_link_sim: $(SIMULATED) board/main.cpp rtl/params.vh board/board.vh
	$(SPACES)
	mkdir -p obj/link
	$(call tool,$(VERILATOR),VERILATOR) $(BUILD) -Irtl -Iboard --Mdir obj/link -o snnc_link_sim \
		--top-module snnc_link_sim --prefix Vsnnc_link_sim $(SIMULATED) board/main.cpp

uart: obj/link/snnc_link_sim
	python3 -B host/host.py write "$(EVENTS)"
	./obj/link/snnc_link_sim
	python3 -B host/host.py read received.hex

lint-board:
	$(call tool,$(VERILATOR),VERILATOR) --lint-only -Wall --no-timing -Irtl -Iboard --top-module snnc_link $(BOARD)
