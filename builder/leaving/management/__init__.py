"""Commands about what is kept too long, and about what people want gone."""
