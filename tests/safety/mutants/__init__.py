"""Mutants: the maintained list of faults that our proofs must notice. One function plants one; `breaks` says what."""
