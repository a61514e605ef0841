// Pictures: being laid out.
