print("sonoform")
