// Runs `snnc_link_sim` in Verilator, edge by edge, until it ends.
#include <memory>

#include "Vsnnc_link_sim.h"
#include "verilated.h"

int main(int argc, char **argv) {
    const std::unique_ptr<VerilatedContext> context{new VerilatedContext};
    context->commandArgs(argc, argv);
    const std::unique_ptr<Vsnnc_link_sim> sim{new Vsnnc_link_sim{context.get()}};
    while (!context->gotFinish()) {
        sim->i_clk = !sim->i_clk;
        sim->eval();
        context->timeInc(1);
    }
    sim->final();
    return 0;
}
