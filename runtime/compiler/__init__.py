"""The compiler: a graph under a policy becomes a plan, by ordered, pure, named passes."""
