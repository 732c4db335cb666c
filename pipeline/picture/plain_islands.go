package picture

// holes adds enclosed regions to the background whose mean colour is the background's, and that are no larger a riddle
// than a glint: at least a 20 000th of the picture.
func holes(like, outer []bool, diff [][3]float32, w, h int, noise float64) {
	seen := make([]bool, w*h)
	var stack []int32
	var region []int
	visit := func(p int) {
		if like[p] && !outer[p] && !seen[p] {
			seen[p] = true
			stack = append(stack, int32(p))
			region = append(region, p)
		}
	}
	for start := range like {
		region = region[:0]
		visit(start)
		spread(&stack, w, h, visit)
		if len(region)*20000 < w*h || len(region) == 0 {
			continue
		}
		same := 0
		for _, p := range region {
			if float64(length(diff[p])) <= faint+noise {
				same++
			}
		}
		if same*3 < len(region)*2 {
			continue
		}
		for _, p := range region {
			outer[p] = true
		}
	}
}

// dropFaint adds islands to the background that are small and hardly differ from it: what compression leaves beside an edge.
func dropFaint(outer []bool, mean []float32, w, h int) {
	const small = 500 // such a share of the subject
	label, sizes := regions(w, h, func(p int) bool { return !outer[p] })
	strength := make([]float64, len(sizes))
	subject := 0
	for p, l := range label {
		if l > 0 {
			subject++
			strength[l] += float64(mean[p])
		}
	}
	for p, l := range label {
		if n := sizes[l]; l > 0 && n*small < subject && strength[l] < vivid*float64(n) {
			outer[p] = true
		}
	}
}
