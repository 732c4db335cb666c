package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"io"

	"golang.org/x/image/webp"
)

func isWebP(data []byte) bool {
	return len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP"
}

// decodeWebP decodes a WebP, of an animated one the first frame where it lies on the canvas, which is transparent (RFC 9649,
// section 2.7). The decoder knows pictures that stand still only, so it gets the chunks of the frame as a file of their own.
func decodeWebP(r io.Reader) (image.Image, error) {
	const animated, withAlpha = 1 << 1, 1 << 4
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	if len(data) < 30 || string(data[12:16]) != "VP8X" || data[20]&animated == 0 {
		return webp.Decode(bytes.NewReader(data))
	}
	frame := riffChunk(data, "ANMF")
	if len(frame) < 16 {
		return nil, errors.New("it has no frame")
	}
	canvas := image.Rect(0, 0, 1+uint24(data[24:]), 1+uint24(data[27:]))
	box := image.Rect(0, 0, 1+uint24(frame[6:]), 1+uint24(frame[9:])).Add(image.Pt(2*uint24(frame), 2*uint24(frame[3:])))
	if !box.In(canvas) {
		return nil, errors.New("its first frame reaches beyond it")
	}
	head := make([]byte, 4, 10)
	head = append(head, frame[6:12]...)
	still := []byte("RIFF\x00\x00\x00\x00WEBP")
	within := frame[4:] // its chunks come after 16 bytes, those of a file after 12
	alpha := riffChunk(within, "ALPH")
	if alpha != nil {
		head[0] = withAlpha
	}
	still = riffAppend(still, "VP8X", head)
	still = riffAppend(still, "ALPH", alpha)
	still = riffAppend(still, "VP8 ", riffChunk(within, "VP8 "))
	still = riffAppend(still, "VP8L", riffChunk(within, "VP8L"))
	binary.LittleEndian.PutUint32(still[4:], uint32(len(still)-8))
	img, err := webp.Decode(bytes.NewReader(still))
	if err != nil || box == canvas {
		return img, err
	}
	small, out := toNRGBA(img), image.NewNRGBA(canvas)
	for y := range box.Dy() {
		copy(out.Pix[out.PixOffset(box.Min.X, box.Min.Y+y):], small.Pix[y*small.Stride:][:4*box.Dx()])
	}
	return out, nil
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

// riffAppend appends a chunk, if there is one.
func riffAppend(to []byte, name string, body []byte) []byte {
	if body == nil {
		return to
	}
	to = binary.LittleEndian.AppendUint32(append(to, name...), uint32(len(body)))
	return append(append(to, body...), make([]byte, len(body)&1)...)
}
