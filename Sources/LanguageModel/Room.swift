// LanguageModel: being laid out.
