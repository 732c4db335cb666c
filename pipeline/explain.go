package pipeline

import (
	"context"
	"errors"
	"io/fs"
	"syscall"

	"orfeas/gpu"
	"orfeas/pipeline/engine"
	"orfeas/pipeline/export"
	"orfeas/pipeline/mesh"
	"orfeas/pipeline/picture"
)

// hints are what a user can do about an error, the most particular first. The sentence itself is the error's own.
var hints = []struct {
	err  error
	hint string
}{
	{picture.ErrEmpty, "The file has no content. Was the download or the copy interrupted?"},
	{picture.ErrTruncated, "Part of the file is missing. Copy or download it again."},
	{picture.ErrTooLarge, "Make the picture smaller in any picture editor and try again."},
	{picture.ErrNoSubject, "Use a picture with one clear subject, or one whose background is transparent; or keep the background."},
	{picture.ErrNotPicture, "Pictures are PNG, JPEG, WebP, GIF, BMP, TIFF or HEIC."},
	{engine.ErrUnknown, "See 'orfeas convert --help' for the engines."},
	{ErrSettings, "Change the setting and try again."},
	{mesh.ErrOpen, "Make it solid first: orfeas mesh FILE --solid -o NEW."},
	{ErrVerify, "The disk may be failing. Try another folder or format."},
	{gpu.ErrOutOfMemory, "Close what else uses the GPU, 'orfeas gpu' lists it, and try again."},
	{export.ErrTooLarge, "Ask for fewer faces."},
	{syscall.ENOSPC, "The disk is full. Free some space, or choose another folder."},
	{fs.ErrPermission, "You may not read or write there. Choose another folder, or change its rights."},
	{syscall.EROFS, "The folder cannot be written to. Choose another one."},
	{fs.ErrNotExist, "Check the name. A picture dragged from a web page has to be saved first."},
}

// Explain turns an error into one sentence for people and a hint what to do, the same for dialog, terminal and HTTP.
// The hint is empty when there is none to give.
func Explain(err error) (problem, hint string) {
	if errors.Is(err, context.Canceled) {
		return "cancelled", ""
	}
	for _, h := range hints {
		if errors.Is(err, h.err) {
			return err.Error(), h.hint
		}
	}
	return err.Error(), ""
}
