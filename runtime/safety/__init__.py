"""Safety: policies, filters, and the two locks that trust no compiler."""
