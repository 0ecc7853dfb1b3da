"""The error corpus of error-driven learning: the mistakes that models make on pictures they have not trained on."""
