"""logitbench compares logit heads with probability heads in paired training runs."""

__version__ = "0.1.0"
