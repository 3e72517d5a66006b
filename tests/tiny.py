"""Settings that make any picture recipe small enough for a test."""

TINY = {
    "data.load_size": 20,
    "data.crop_size": 16,
    "generator.width": 4,
    "generator.blocks": 1,
    "generator.dropout": 0.5,  # so that the global random state matters
    "discriminator.width": 4,
    "discriminator.layers": 1,
    "objective.replay": 3,
    "train.steps": 6,
    "train.batch_size": 2,
    "train.moving_average": 0.9,
    "train.workers": 0,
    "train.log_every": 2,
    "train.sample_every": 4,
    "train.save_every": 2,
    "sample.rows": 2,
}
