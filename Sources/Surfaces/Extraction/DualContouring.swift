// From a field to a closed mesh: dual contouring with a vertex for every piece of surface in a cell.

/// Contours a field on a lattice.
///
/// The vertices of cells that share an edge between inside and outside are joined by a quad (dual contouring: Ju et al.
/// 2002), so the mesh is closed and oriented whatever the field says: every edge belongs to two triangles, which run
/// along it in opposite directions. What a learned field gets wrong is evened out first. A vertex stands where the planes of the closest surface points around it meet, which
/// keeps edges sharp.
public struct DualContouring: Sendable {
    /// The width of a cell, in the field's units.
    public let spacing: Float

    /// Contours by cells of a width.
    public init(spacing: Float) {
        precondition(spacing > 0 && spacing.isFinite, "cells have a width")
        self.spacing = spacing
    }

    /// The surface where the field's distance is zero.
    public func callAsFunction(_ field: some ClosestPointField) -> Mesh {
        let box = field.domain
        let extent = (box.upper - box.lower).max()
        // The search begins with some thousand cells.
        var coarsest: Int32 = 2
        while extent / (Float(coarsest) * spacing) > 14 { coarsest *= 2 }
        var lattice = SparseLattice(covering: box, spacing: spacing, multiple: coarsest)
        lattice.sampleSurface(of: field, coarsest: coarsest)
        var patches = SurfacePatches(lattice)
        patches.paint(from: field)
        return patches.mesh(lattice)
    }
}
