"""Diffusion on digits, in plain torch: schedules, the forward process, a U-Net, samplers."""
