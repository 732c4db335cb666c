// Package mesh is the geometry of ORFEAS Studio: an indexed triangle mesh and the operations on it.
// It imports nothing of ours, and everything else is built on it.
//
// # Frames
//
// Two right-handed frames are used, and every function says which one it expects where it matters.
//
//   - The model frame is what engines work in: x right, y up, z toward the viewer of the picture, the longest side
//     of the bounding box 2 units, centred on the origin.
//   - The print frame is what everything after the postprocess stage works in: millimetres, z up, the front of the
//     picture looking to -y, the lowest point on z = 0.
//
// [Mesh.ToPrint] goes from the first to the second. STL, OBJ, PLY and 3MF files are in the print frame; GLB files are
// in metres, y up, front +z, as glTF 2.0 section 3.4 says.
package mesh
