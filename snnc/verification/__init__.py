"""Whether what runs elsewhere is what PyTorch computes, and if not, why."""
