"""What a training run can do beyond the published method: fields of the configuration, and what they do."""
