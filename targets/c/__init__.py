"""The target `c`: a C99 program for processors, and the executor that compiles and runs it."""
