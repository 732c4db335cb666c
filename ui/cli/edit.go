package cli

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"orfeas/pipeline"
	"orfeas/pipeline/picture"
)

// crop is a flag for a part of the picture: X,Y,W,H in percent.
type crop picture.Box

func (c *crop) String() string { return "" }

func (c *crop) Set(text string) error {
	words := strings.Split(text, ",")
	if len(words) != 4 {
		return fmt.Errorf("a part of the picture is X,Y,W,H in %%, as 10,0,80,100")
	}
	var v [4]int
	for i, w := range words {
		x, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(w), "%"), 64)
		if err != nil || !(x >= 0 && x <= 100) {
			return fmt.Errorf("a part of the picture is X,Y,W,H from 0 to 100 %%, not %q", w)
		}
		v[i] = int(math.Round(x * picture.Whole / 100))
	}
	// Thirds and the like are rounded: what reaches the edge but for that reaches it.
	v[2], v[3] = reach(v[0], v[2]), reach(v[1], v[3])
	*c = crop{v[0], v[1], v[2], v[3]}
	return picture.Edit{Crop: picture.Box(*c)}.Check()
}

func reach(at, long int) int {
	if over := at + long - picture.Whole; over == 1 {
		return long - 1
	}
	return long
}

// shots is a flag for pictures of other sides: SIDE=FILE.
type shots []pipeline.Shot

func (s *shots) String() string { return "" }

func (s *shots) Set(text string) error {
	side, path, _ := strings.Cut(text, "=")
	if !slices.Contains(picture.OtherSides, picture.Side(side)) || path == "" {
		return fmt.Errorf("a picture of another side is left=FILE, back=FILE or right=FILE, not %q", text)
	}
	for _, o := range *s {
		if o.Side == picture.Side(side) {
			return fmt.Errorf("there are two pictures of the %s", side)
		}
	}
	*s = append(*s, pipeline.Shot{Side: picture.Side(side), Picture: path})
	return nil
}

// quarters is a flag for a turn in degrees.
type quarters int

func (q *quarters) String() string { return "" }

func (q *quarters) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n%90 != 0 || n < -270 || n > 270 {
		return fmt.Errorf("a picture is turned by 90, 180 or 270 degrees, not %q", text)
	}
	*q = quarters((n/90 + 4) % 4)
	return nil
}
