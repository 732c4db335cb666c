package picture

// Side is a side of an object that a picture shows. Left and right are the object's own: seen from its left it looks to the
// left of the picture.
type Side string

// The sides. A picture is of the front unless something else is said.
const (
	Front Side = "front"
	Left  Side = "left"
	Back  Side = "back"
	Right Side = "right"
)

// OtherSides lists those besides the front, in the order they are worked on.
var OtherSides = []Side{Left, Back, Right}

// View is what a picture of another side than the front shows.
type View struct {
	Side    Side
	Subject *Subject
}
