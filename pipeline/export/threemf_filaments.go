package export

import (
	"slices"

	"orfeas/pipeline/mesh"
)

// filamentCodes are the 16 filaments as slicers paint whole triangles: hexadecimal digits read from the last one on, of
// which the first is two bits for no division (0) and two for the state (1 and 2 are the first two filaments, 3 says
// that the next digit has the state less 3). PrusaSlicer and SuperSlicer call the attribute slic3rpe:mmu_segmentation,
// Bambu Studio and OrcaSlicer paint_color, with no namespace, which is why strict readers of 3MF may warn of it. None of
// them reads the base materials.
var filamentCodes = [16]string{"4", "8", "0C", "1C", "2C", "3C", "4C", "5C", "6C", "7C", "8C", "9C", "AC", "BC", "CC", "DC"}

// filament notes the base material of the triangle that was added last, as long as all of the object's have one, of one
// list that a mesh can have.
func (m *model3MF) filament(o *object3MF, pid uint32, p [3]uint32) {
	palette, n := m.palettes[pid], len(o.mesh.Triangles)
	if n == 1 {
		o.filaments, o.mesh.Palette = pid, palette
	}
	whole := p[0] == p[1] && p[0] == p[2] && int64(p[0]) < int64(len(palette))
	if m.bases[pid] && pid == o.filaments && whole && len(palette) <= len(filamentCodes) && len(o.mesh.Filaments) == n-1 {
		o.mesh.Filaments = append(o.mesh.Filaments, uint8(p[0]))
	}
}

// filaments adds those of a mesh that is about to be added, as long as all have the same. What is short of some has none
// in the end.
func (r *threeMFReader) filaments(m *mesh.Mesh) {
	all := r.mesh
	switch {
	case len(m.Triangles) == 0 || len(m.Filaments) != len(m.Triangles):
	case len(all.Triangles) == 0:
		all.Palette, all.Filaments = slices.Clone(m.Palette), slices.Clone(m.Filaments)
	case len(all.Filaments) == len(all.Triangles) && slices.Equal(all.Palette, m.Palette):
		all.Filaments = append(all.Filaments, m.Filaments...)
	}
}
