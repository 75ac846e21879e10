# EVOLVE-BLOCK-START
import torch


def activation(x):
    return torch.relu(x)


# EVOLVE-BLOCK-END
