"""Checks of the exercises: they test properties, and name the mistake that was probably made."""

from tripkit.course.checks.base import Verdict
from tripkit.course.checks.clip import check_contrastive_loss, check_similarity, check_zero_shot
from tripkit.course.checks.families import (
    check_auc,
    check_bayes,
    check_gan_losses,
    check_iou,
    check_kl,
    check_probabilities,
)
from tripkit.course.checks.noise import (
    check_add_noise,
    check_alphas_cumprod,
    check_ddpm_step,
    check_pred_original,
    check_snr,
    check_v_target,
)
from tripkit.course.checks.palettes import (
    check_color_code,
    check_palette_distance,
    check_safe_swatch,
)
from tripkit.course.checks.planner import check_cost, check_gate, check_message, check_share
from tripkit.course.checks.sampling import (
    check_ddim_step,
    check_guided,
    check_replace,
    check_timesteps,
)
from tripkit.course.checks.services import check_class_cost, check_edit_mask, check_ending
from tripkit.course.checks.text_to_image import (
    check_latent_ends,
    check_paste,
    check_strength_start,
    check_text_guidance,
)

__all__ = [
    "Verdict",
    "check_add_noise",
    "check_alphas_cumprod",
    "check_auc",
    "check_bayes",
    "check_class_cost",
    "check_color_code",
    "check_contrastive_loss",
    "check_cost",
    "check_ddim_step",
    "check_ddpm_step",
    "check_edit_mask",
    "check_ending",
    "check_gan_losses",
    "check_gate",
    "check_guided",
    "check_iou",
    "check_kl",
    "check_latent_ends",
    "check_message",
    "check_palette_distance",
    "check_paste",
    "check_pred_original",
    "check_probabilities",
    "check_replace",
    "check_safe_swatch",
    "check_share",
    "check_similarity",
    "check_snr",
    "check_strength_start",
    "check_text_guidance",
    "check_timesteps",
    "check_v_target",
    "check_zero_shot",
]
