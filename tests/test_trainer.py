"""A training run: its precision, its learning rate, its checkpoints, and how it is stopped."""

import json
import logging
import math
import os
import signal
import subprocess
import sys
import textwrap
import threading

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

from tripkit.core import settings
from tripkit.core.errors import RequestError, StorageError
from tripkit.course.clip_lesson import BATCH, ClassTrainer
from tripkit.course.ddpm_lesson import train_in_class
from tripkit.diffusion.training import Trainer
from tripkit.diffusion.unet import DigitUNet
from tripkit.generative.classifier import DigitClassifier
from tripkit.generative.gan import Discriminator, Generator
from tripkit.generative.training import GANTrainer, VAETrainer
from tripkit.generative.vae import DigitVAE
from tripkit.training import trainer
from tripkit.training.trainer import (
    Run,
    default_precision,
    delayed_signals,
    has_fast_bf16,
    learning_rate_at,
)

SMALL = (8, 8)
CHECKPOINT = "checkpoint.safetensors"


def layers():
    return nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 4))


def run_of(network, **more):
    options = {"batch": 2, "learning_rate": 0.01, "warm_up": 1, "precision": "no", **more}
    return Run({"network": network}, **options)


def train(run):
    for _ in run:
        run.update(run.modules["network"](torch.ones(2, 4)).square().mean())
    return run


# ------------------------------------------------------------------- precision


def computed_in(run):
    with run.autocast():
        return run.modules["network"](torch.ones(2, 4, device=run.device)).dtype


@pytest.mark.parametrize("order", [("no", "bf16"), ("bf16", "no")])
def test_two_runs_of_one_process_have_a_precision_each(order):
    runs = {precision: run_of(layers(), precision=precision, steps=2) for precision in order}
    assert computed_in(runs["no"]) == torch.float32
    assert computed_in(runs["bf16"]) == torch.bfloat16
    for run in runs.values():
        train(run)
        assert all(p.dtype == torch.float32 for p in run.parameters.values())
        assert all(math.isfinite(loss) for loss in run.losses) and run.step == 2


def test_one_network_may_be_trained_in_one_precision_and_then_in_the_other():
    network = layers()
    first, second = run_of(network, precision="no"), run_of(network, precision="bf16")
    assert (computed_in(first), computed_in(second)) == (torch.float32, torch.bfloat16)


def test_the_variable_decides_before_the_machine_does(monkeypatch):
    for machine in (True, False):
        monkeypatch.setattr(trainer, "has_fast_bf16", lambda fast=machine: fast)
        for value, precision in (("1", "bf16"), (" 0\n", "no"), ("", ("no", "bf16")[machine])):
            monkeypatch.setenv("TRIPKIT_BF16", value)
            assert default_precision() == precision
            assert run_of(layers(), precision=None).precision == precision


def test_without_the_variable_the_machine_decides(monkeypatch):
    monkeypatch.delenv("TRIPKIT_BF16", raising=False)
    assert settings.bf16() is None
    assert default_precision() == ("bf16" if has_fast_bf16() else "no")


@pytest.mark.parametrize("value", ["yes", "2", "bf16", "-1", "01"])
def test_another_value_of_the_variable_is_refused(monkeypatch, value):
    monkeypatch.setenv("TRIPKIT_BF16", value)
    with pytest.raises(RequestError, match=f"The option TRIPKIT_BF16 is {value}; allowed: 0, 1."):
        default_precision()


def test_a_precision_that_there_is_not_is_refused():
    with pytest.raises(RequestError, match="The option precision is fp8; allowed: bf16, no"):
        run_of(layers(), precision="fp8")


class Classifier:
    """Trains the digit classifier as its recipe does."""

    def __init__(self, images, labels, steps):
        self.images, self.labels = images, labels
        self.model = DigitClassifier()
        self.run = Run({"model": self.model}, batch=16, learning_rate=2e-3, warm_up=5, steps=steps)

    def __iter__(self):
        for _ in self.run:
            with self.run.autocast():
                logits = self.model(self.images)
            self.run.update(nn.functional.cross_entropy(logits.float(), self.labels))
            yield self.run.step, self.run.losses[-1]


def lesson_of(name, steps):
    """A training of a notebook, or of what a notebook uses, on pictures that are soon learnt."""
    labels = torch.arange(16) % 10
    images = -torch.ones(16, 1, 28, 28)
    for image, label in zip(images, labels, strict=True):
        image[:, 8:20, 6 + int(label) : 10 + int(label)] = 1
    few = {"steps": steps, "batch_size": 16, "warm_up": 5}
    return {
        "ddpm": lambda: Trainer(DigitUNet(SMALL), images, labels, learning_rate=1e-2, **few),
        "ddpm of notebook 04": lambda: train_in_class(images, labels, steps=steps),
        "flow": lambda: Trainer(
            DigitUNet(SMALL), images, learning_rate=1e-2, prediction_type="flow", **few
        ),
        "vae": lambda: VAETrainer(DigitVAE(4, SMALL), images, labels, **few),
        "gan": lambda: GANTrainer(Generator(4, SMALL), Discriminator(SMALL), images, labels, **few),
        "gan in bf16 or not, as the others": lambda: GANTrainer(
            Generator(4, SMALL), Discriminator(SMALL), images, labels, precision=None, **few
        ),
        "classifier": lambda: Classifier(images, labels, steps),
        "clip": lambda: ClassTrainer(steps=steps, count=BATCH),
    }[name]()


LESSONS = {
    "ddpm": 30,
    "ddpm of notebook 04": 20,
    "flow": 30,
    "vae": 30,
    "gan": 10,
    "gan in bf16 or not, as the others": 10,
    "classifier": 20,
    "clip": 12,
}
DEAR = ("clip", "ddpm of notebook 04")  # the others say as much of the trainer


@pytest.mark.parametrize("bf16", ["1", "0"], ids=["bf16", "fp32"])
@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] * (n in DEAR)) for n in LESSONS]
)
def test_every_lesson_trains_with_and_without_bf16(name, bf16, monkeypatch):
    monkeypatch.setenv("TRIPKIT_BF16", bf16)
    slow = bf16 == "1" and not has_fast_bf16()  # bf16 is then computed bit by bit
    lesson = lesson_of(name, LESSONS[name] // (5 if slow else 1))
    losses = [loss for _step, loss in lesson]
    assert lesson.run.precision == ("no" if name == "gan" or bf16 == "0" else "bf16")
    assert len(losses) == lesson.run.step and all(math.isfinite(loss) for loss in losses)
    tensors = lesson.run.modules.state_dict().values()
    assert all(t.isfinite().all() and t.dtype != torch.bfloat16 for t in tensors)
    if not slow and not name.startswith("gan"):  # the losses of a game need not fall
        assert sum(losses[-5:]) < 0.8 * sum(losses[:5])


# --------------------------------------------------------------- learning rate


def test_the_learning_rate_warms_up_stays_and_falls_to_a_twentieth():
    assert [learning_rate_at(0, step, 4) for step in range(5)] == [0.25, 0.5, 0.75, 1, 1]
    shares = [learning_rate_at(progress, 100, 4) for progress in (0.5, 0.7, 0.85, 1.0)]
    assert shares == pytest.approx([1, 1, 0.5, 0.05])
    assert learning_rate_at(0, 0, 0) == 1


def test_a_run_trains_at_that_rate():
    run, rates = run_of(layers(), steps=10, warm_up=2), []
    for progress in run:
        assert progress == run.progress == run.step / 10
        run.update(run.modules["network"](torch.ones(2, 4)).mean())
        rates.append(run.optimizer.param_groups[0]["lr"])
    assert rates == pytest.approx([0.01 * learning_rate_at(i / 10, i, 2) for i in range(10)])


def test_the_clock_ends_a_run_as_well_as_the_steps_do():
    seconds = iter(range(100))
    run = train(run_of(layers(), minutes=0.1, clock=lambda: next(seconds)))
    assert run.step == 5  # of the six seconds, the start took one
    assert math.isinf(run.steps)


def test_large_gradients_are_clipped():
    run = run_of(layers(), steps=1)
    for _ in run:
        run.update(1e6 * run.modules["network"](torch.ones(2, 4)).square().mean())
    norms = torch.stack([p.grad.norm() for p in run.parameters.values()])
    assert norms.norm().item() == pytest.approx(1.0, rel=1e-3)


# ------------------------------------------------------------------------- log


def test_the_log_goes_to_a_file_and_to_logging_and_nothing_is_printed(tmp_path, caplog, capsys):
    with caplog.at_level(logging.INFO, "tripkit"):
        train(run_of(layers(), steps=100, out=tmp_path))
        train(run_of(layers(), steps=101, out=tmp_path))
    lines = (tmp_path / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["step"] for line in lines] == [50, 100]
    assert any(message.startswith("resumed at step 100, ") for message in caplog.messages)
    assert capsys.readouterr() == ("", "")


# ----------------------------------------------------------------- checkpoints


def test_a_resumed_run_goes_on_as_if_it_had_not_stopped(tmp_path):
    networks = [layers(), layers()]
    networks[1].load_state_dict(networks[0].state_dict())
    flat = {"weight_decay": 0.0}
    whole = run_of(networks[0], steps=math.inf, **flat)
    for _ in range(8):
        whole.update(networks[0](torch.ones(2, 4)).square().mean())
    for end in (5, 8):
        run = run_of(networks[1], out=tmp_path, **flat)
        while run.step < end:
            run.update(networks[1](torch.ones(2, 4)).square().mean())
        run.save()
        networks[1] = layers()  # what is learnt is in the checkpoint
    torch.testing.assert_close(run.modules["network"].state_dict(), networks[0].state_dict())
    names = load_file(tmp_path / CHECKPOINT)
    assert {f"optimizer.network.0.weight.{key}" for key in trainer.ADAM_STATE} <= set(names)


@pytest.mark.parametrize("first, then", [(True, False), (False, True)])
def test_a_run_resumes_with_other_layers_frozen(first, then, tmp_path, caplog):
    def network(frozen):
        made = nn.Sequential(nn.Linear(4, 64), nn.Linear(64, 4))
        made[0].requires_grad_(not frozen)
        return made

    train(run_of(network(first), steps=3, out=tmp_path))
    tensors = load_file(tmp_path / CHECKPOINT)
    run = run_of(network(then), steps=6, out=tmp_path)
    for name, parameter in run.parameters.items():
        if f"optimizer.{name}.exp_avg" in tensors:
            state = run.optimizer.state[parameter]
            for key in trainer.ADAM_STATE:
                assert torch.equal(state[key], tensors[f"optimizer.{name}.{key}"]), (name, key)
    train(run)
    assert run.step == 6 and all(p.isfinite().all() for p in run.parameters.values())
    steps = {n: int(run.optimizer.state[p]["step"]) for n, p in run.parameters.items()}
    assert steps["network.1.weight"] == 6
    if first:  # the layer that was frozen starts without a past, and that is said
        assert steps["network.0.weight"] == 3
        assert "network.0.bias, network.0.weight" in caplog.text


def kernels():
    """Two inner matrices: a kernel of three rows by 27 and a wide weight."""
    torch.manual_seed(5)
    made = nn.Sequential(
        nn.Conv2d(1, 3, 3), nn.Conv2d(3, 3, 3), nn.Flatten(), nn.Linear(12, 6), nn.Linear(6, 2)
    )
    return made.to(memory_format=torch.channels_last)  # as recipes have it


def steps_of(run, count):
    for _ in range(count):
        images = torch.randn(4, 1, 6, 6, generator=torch.manual_seed(run.step))
        run.update(run.modules["network"](images).square().mean())


@pytest.mark.parametrize("optimizer", trainer.OPTIMIZERS)
def test_a_resumed_run_of_kernels_is_to_the_bit_that_which_had_not_stopped(optimizer, tmp_path):
    whole = run_of(kernels(), optimizer=optimizer)
    steps_of(whole, 8)
    for end in (5, 8):
        run = run_of(kernels(), optimizer=optimizer, out=tmp_path)
        steps_of(run, end - run.step)
        run.save()
    for name, parameter in run.parameters.items():
        assert torch.equal(parameter, whole.parameters[name]), name


def test_muons_moments_are_saved_under_the_weights_names_and_adams_under_the_others(tmp_path):
    run = run_of(kernels(), optimizer="muon", out=tmp_path)
    assert run.matrices == {"network.1.weight", "network.3.weight"}
    steps_of(run, 1)
    run.save()
    saved = {name for name in load_file(tmp_path / CHECKPOINT) if name.startswith("optimizer.")}
    assert saved == {
        f"optimizer.{name}.{key}"
        for name in run.parameters
        for key in (trainer.MUON_STATE if name in run.matrices else trainer.ADAM_STATE)
    }


@pytest.mark.parametrize("first, then", [("adamw", "muon"), ("muon", "adamw")])
def test_a_run_may_go_on_with_the_other_optimizer_and_tells_what_it_forgot(
    first, then, tmp_path, caplog
):
    run = run_of(kernels(), optimizer=first, out=tmp_path)
    steps_of(run, 2)
    run.save()
    run = run_of(kernels(), optimizer=then, out=tmp_path)
    steps_of(run, 2)
    assert run.step == 4 and all(p.isfinite().all() for p in run.parameters.values())
    assert caplog.messages[-1].endswith("of the optimizer: network.1.weight, network.3.weight")


def test_momentum_of_another_shape_never_reaches_muon(tmp_path):
    run = run_of(kernels(), optimizer="muon", out=tmp_path)
    steps_of(run, 1)
    run.save()
    name = "optimizer.network.1.weight"
    rewritten(tmp_path, lambda t: t.update({f"{name}.momentum_buffer": torch.zeros(3, 27)}))
    with pytest.raises(StorageError, match=f"another shape: {name}"):
        run_of(kernels(), optimizer="muon", out=tmp_path)


def test_an_optimizer_that_there_is_not_is_refused():
    with pytest.raises(RequestError, match="The option optimizer is sgd; allowed: adamw, muon"):
        run_of(layers(), optimizer="sgd")


def test_a_network_without_inner_layers_is_trained_by_adamw_alone():
    run = run_of(layers(), optimizer="muon", steps=2)
    assert run.matrices == set() and train(run).step == 2


def test_a_checkpoint_of_other_modules_is_refused_by_the_names_that_differ(tmp_path):
    train(run_of(layers(), steps=1, out=tmp_path))
    wide = nn.Sequential(nn.Linear(4, 9), nn.Linear(9, 4))
    with pytest.raises(StorageError, match=r"another shape: network.0.bias, network.0.weight, "):
        run_of(wide, out=tmp_path)
    with pytest.raises(StorageError, match=r"network.2.bias, network.2.weight\)"):
        run_of(nn.Sequential(*layers(), nn.Linear(4, 4)), out=tmp_path)


def rewritten(folder, change=lambda tensors: None, **counts):
    path = folder / CHECKPOINT
    with safe_open(path, "pt") as file:
        metadata = file.metadata() | counts
    tensors = {name: tensor.clone() for name, tensor in load_file(path).items()}
    change(tensors)
    save_file(tensors, path, metadata)


def test_moments_of_another_shape_never_reach_the_optimizer(tmp_path):
    train(run_of(layers(), steps=1, out=tmp_path))
    name = "optimizer.network.0.weight"
    rewritten(tmp_path, lambda tensors: tensors.update({f"{name}.exp_avg": torch.zeros(2)}))
    with pytest.raises(StorageError, match=f"another shape: {name}"):
        run_of(layers(), out=tmp_path)


@pytest.mark.parametrize(
    "counts",
    [
        {"step": "many"},
        {"step": "9e29"},
        {"step": "9" * 30},
        {"step": "-1"},
        {"pictures": "1.5"},
        {"seconds": "nan"},
        {"seconds": "inf"},
        {"seconds": "-3"},
    ],
    ids=str,
)
def test_a_checkpoint_with_impossible_counts_is_refused(counts, tmp_path):
    train(run_of(layers(), steps=1, out=tmp_path))
    rewritten(tmp_path, **counts)
    with pytest.raises(StorageError, match="it is damaged.*Delete it to start anew"):
        run_of(layers(), out=tmp_path)


@pytest.mark.parametrize("kind", ["cut", "empty", "noise", "no metadata", "folder"])
def test_a_damaged_checkpoint_is_refused_with_the_remedy(kind, tmp_path):
    train(run_of(layers(), steps=1, out=tmp_path))
    path = tmp_path / CHECKPOINT
    whole, tensors = path.read_bytes(), load_file(path)
    path.unlink()
    if kind == "no metadata":
        save_file(tensors, path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.write_bytes({"cut": whole[:-9], "empty": b"", "noise": b"\xff" * 99}[kind])
    with pytest.raises(StorageError, match="cannot be used .*Delete it to start anew") as caught:
        run_of(layers(), out=tmp_path)
    assert str(path) in str(caught.value) and "지우고" in caught.value.message("ko")


@pytest.mark.skipif(os.name == "nt", reason="Windows lets only some users make links")
@pytest.mark.parametrize("target", ["nowhere", CHECKPOINT])
def test_a_link_that_leads_nowhere_is_no_missing_checkpoint(target, tmp_path):
    (tmp_path / CHECKPOINT).symlink_to(target)
    with pytest.raises(StorageError) as caught:
        run_of(layers(), out=tmp_path)
    assert caught.value.code == "bad_checkpoint" and (tmp_path / CHECKPOINT).is_symlink()


@pytest.mark.parametrize("part", ["", "optimizer."])
def test_a_checkpoint_with_nan_is_refused_by_the_names_of_its_tensors(part, tmp_path):
    train(run_of(layers(), steps=1, out=tmp_path))
    path = tmp_path / CHECKPOINT
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
    tensors = load_file(path)
    name = next(n for n, t in tensors.items() if n.startswith(part) and t.dim() == 2)
    tensors[name][0, 0] = math.nan
    save_file(tensors, path, metadata)
    with pytest.raises(StorageError, match=rf"NaN or infinity: {name}\b") as caught:
        run_of(layers(), out=tmp_path)
    assert caught.value.code == "bad_checkpoint"


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "out").write_text("a file")
    for out in (tmp_path / "out", tmp_path / "out" / "in"):
        with pytest.raises(StorageError, match="it is not a folder.*choose another folder"):
            run_of(layers(), out=out)


def test_a_half_written_checkpoint_is_removed_at_the_next_start(tmp_path):
    train(run_of(layers(), steps=1, out=tmp_path))
    whole = (tmp_path / CHECKPOINT).read_bytes()
    (tmp_path / "checkpoint.part").write_bytes(whole[:-9])
    assert run_of(layers(), out=tmp_path).step == 1
    assert [p.name for p in tmp_path.iterdir()] == [CHECKPOINT]


@pytest.mark.slow  # as each process that imports torch
@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to send")
def test_what_a_killed_save_left_is_removed_at_the_next_start(tmp_path):
    script = """
        import os, signal, sys
        from pathlib import Path
        import torch
        from tripkit.training.trainer import Run

        run = Run({"network": torch.nn.Linear(2, 2)}, out=Path(sys.argv[1]), batch=1,
                  learning_rate=0.1)
        run.save()
        replace = Path.replace
        Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        run.save()
    """
    process = started(script, tmp_path)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert sorted(p.name for p in tmp_path.iterdir()) == ["checkpoint.part", CHECKPOINT]
    Run({"network": nn.Linear(2, 2)}, out=tmp_path, batch=1, learning_rate=0.1)
    assert [p.name for p in tmp_path.iterdir()] == [CHECKPOINT]


# -------------------------------------------------------------- being stopped


def started(script, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


ENDLESS = """
    import sys
    from pathlib import Path
    import torch
    from tripkit.training.trainer import Run

    network = torch.nn.Linear(2, 2)
    run = Run({"network": network}, out=Path(sys.argv[1]), batch=1, learning_rate=0.1)
    for _ in run:
        run.update(network(torch.ones(1, 2)).square().mean())
        if run.step == 3:
            print("trains", flush=True)
    print("never here")
"""


@pytest.mark.process
@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to send")
@pytest.mark.parametrize(
    "number", [pytest.param(signal.SIGINT, marks=pytest.mark.slow), signal.SIGTERM]
)
def test_ctrl_c_and_sigterm_save_the_checkpoint_and_end_the_run(number, tmp_path):
    process = started(ENDLESS, tmp_path)
    assert process.stdout.readline() == "trains\n"
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert out == "" and process.returncode == -number
    assert ("KeyboardInterrupt" in err) == (number == signal.SIGINT)
    run = Run({"network": nn.Linear(2, 2)}, out=tmp_path, batch=1, learning_rate=0.1)
    assert run.step >= 3 and [p.name for p in tmp_path.iterdir()] == [CHECKPOINT]


def test_ctrl_c_in_a_lesson_leaves_it_between_two_steps_and_it_may_go_on(tmp_path):
    run, before = run_of(layers(), steps=5, out=tmp_path), signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        for _ in run:
            if run.step == 2:
                signal.raise_signal(signal.SIGINT)
            run.update(run.modules["network"](torch.ones(2, 4)).square().mean())
    assert run.step == 3 and (tmp_path / CHECKPOINT).exists()
    assert signal.getsignal(signal.SIGINT) is before
    assert train(run).step == 5


def test_a_second_ctrl_c_does_not_wait():
    seen = []
    with pytest.raises(KeyboardInterrupt), delayed_signals() as received:
        signal.raise_signal(signal.SIGINT)
        seen.append(list(received))
        signal.raise_signal(signal.SIGINT)
        seen.append("too late")
    assert seen == [[signal.SIGINT]]


def test_an_ignored_signal_stays_ignored_and_a_broken_loop_gives_signals_back():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with delayed_signals() as received:
            signal.raise_signal(signal.SIGINT)
        assert received == []
    finally:
        signal.signal(signal.SIGINT, before)
    for _ in run_of(layers()):
        break
    assert signal.getsignal(signal.SIGINT) is before


def test_a_run_trains_in_another_thread_where_signals_cannot_be_held_back():
    run = run_of(layers(), steps=2)
    thread = threading.Thread(target=train, args=(run,))
    thread.start()
    thread.join(60)
    assert run.step == 2
