"""Speech to train on: phones, synthesis, augmentation, features, and the corpus made of them."""
