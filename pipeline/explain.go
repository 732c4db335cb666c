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
	"orfeas/pipeline/onnx"
	"orfeas/pipeline/picture"
	"orfeas/pipeline/weights"
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
	{engine.ErrNoDepth, "Get a network that estimates it, 'orfeas models get depth-anything-v2-small', or let the relief follow the brightness: --from brightness."},
	{onnx.ErrNoLibrary, "'make run' or tools/onnxruntime.sh fetches it; or set ORFEAS_ONNXRUNTIME to its library. See 'orfeas providers'."},
	{onnx.ErrOutOfMemory, "Close other programs, choose a lower resolution, or set ORFEAS_PROVIDER=cpu."},
	{ErrNoRoom, "Close other programs, choose an engine that needs less, or raise the limit of the memory if there is one (ORFEAS_MEMORY)."},
	{onnx.ErrProvider, "Set ORFEAS_PROVIDER=cpu to do without the GPU. See 'orfeas providers'."},
	{weights.ErrAbsent, "'orfeas models info NAME' says what it needs and what its licence allows."},
	{weights.ErrUnknown, "See 'orfeas models list'."},
	{weights.ErrLicence, "Read what it asks for with 'orfeas models info NAME', then say --accept-licence."},
	{weights.ErrBusy, "Wait until the other one is done, or stop it."},
	{weights.ErrServer, "What has come is kept: try again later, or another server with --mirror, or import a file you have."},
	{weights.ErrNotThere, "Give the file itself, the folder it is in, or the cache of the Hugging Face libraries."},
	{weights.ErrOther, "It is damaged, or of another network or release. Get it with 'orfeas models get NAME'."},
	{weights.ErrMissing, "It is of another network or of another release. Choose another file."},
	{weights.ErrShape, "It is of another network or of another release. Choose another file."},
	{weights.ErrUnsupported, "Networks are read from .safetensors files and from torch's zip files (.ckpt, .pt)."},
	{weights.ErrCorrupt, "Get it again: 'orfeas models get NAME'."},
	{ErrSettings, "Change the setting and try again."},
	{engine.ErrOptions, "Change the setting, or make the model larger."},
	{mesh.ErrOpen, "Make it solid first: orfeas mesh FILE --solid -o NEW."},
	{ErrVerify, "The disk may be failing. Try another folder or format."},
	{gpu.ErrOutOfMemory, "Close what else uses the GPU, 'orfeas gpu' lists it, and try again."},
	{export.ErrTooLarge, "Ask for fewer faces."},
	{export.ErrNoFolder, "Make it first, or choose another one."},
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
