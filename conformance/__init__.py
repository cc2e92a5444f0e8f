"""What other programs make of formats that they share with snnc; nothing of snnc imports it."""
