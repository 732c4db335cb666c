//go:build !headless

package ui

// The viewport's icons: a net of triangles, a bed in perspective, arrows at a box, a cut cube, a picture half over another, a
// turning arrow, an eye on a cube, and a camera.
var (
	iconEdges      = icon("edges", "M12 2 22.5 20.5 H1.5 Z M11 6.8 7.6 12.5 H11 Z M13 6.8 V12.5 H16.4 Z M6.6 14.5 4.2 18.5 H10 Z M9 14.5 12 18.2 15 14.5 Z M17.4 14.5 14 18.5 H19.8 Z")
	iconBed        = icon("bed", "M6 5 H18 L23 19 H1 Z M7.4 7 6.7 9 H10.8 L11 7 Z M13 7 13.2 9 H17.3 L16.6 7 Z M6 11 5.1 13.5 H10.4 L10.6 11 Z M13.4 11 13.6 13.5 H18.9 L18 11 Z M4.4 15.5 3.8 17 H10.1 L10.2 15.5 Z M13.8 15.5 13.9 17 H20.2 L19.6 15.5 Z")
	iconDimensions = icon("dimensions", "M7 2 H21 V16 H7 Z M9 4 V14 H19 V4 Z M2 2 H5 V4 H4.5 V14 H5 V16 H2 V14 H2.5 V4 H2 Z M7 19 H9 V19.5 H19 V19 H21 V22 H19 V21.5 H9 V22 H7 Z")
	iconSection    = icon("section", "M12 1.8 21 7 V17 L12 22.2 3 17 V7 Z M5 8.75 V15.85 L11 19.3 V12.2 Z M13.5 13 V18 L18.5 15.1 V10 Z")
	iconCompare    = icon("compare", "M2 4 H11 V2 H13 V22 H11 V20 H2 Z M4 6 V18 H11 V6 Z M4.5 17 7.5 11.5 10.5 17 Z M15 4 H17 V6 H15 Z M19 4 H22 V7 H20 V6 H19 Z M20 9 H22 V12 H20 Z M20 14 H22 V17 H20 Z M20 18 H22 V20 H19 V18 Z M15 18 H17 V20 H15 Z")
	iconTurn       = icon("turn", "M12 5 V1 L17 6 12 11 V7 A6 5 0 1 0 18 12 H20 A8 7 0 1 1 12 5 Z M8 20.5 H16 V22.5 H8 Z")
	iconView       = icon("view", "M12 1.8 21 7 V17 L12 22.2 3 17 V7 Z M12 4.1 6.9 7.05 12 10 17.1 7.05 Z M5 8.75 V15.85 L11 19.3 V12.2 Z M19 8.75 13 12.2 V19.3 L19 15.85 Z")
	iconFlip       = icon("flip", "M11 2 H13 V22 H11 Z M9 6 V18 H1 Z M15 6 L23 18 H15 Z M17 12.6 V16 H19.3 Z")
	iconShot       = icon("shot", "M8 4 H16 L18 7 H22 V20 H2 V7 H6 Z M4 9 V18 H20 V9 Z M12 9.5 A4 4 0 1 1 11.99 9.5 Z M12 11.5 A2 2 0 1 0 12.01 11.5 Z")
)
