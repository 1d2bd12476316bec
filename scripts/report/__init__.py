"""The benchmarks' rows as drawings and tables."""
