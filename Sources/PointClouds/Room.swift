// PointClouds: being laid out.
