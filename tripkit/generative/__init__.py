"""What diffusion is compared with on digits: a VAE, a GAN, and the classifier that judges all."""
