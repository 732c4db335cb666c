package onnx

import "runtime"

// Provider is what runs a network, ONNX Runtime's execution provider.
type Provider string

// The providers. Which there are is for the system and the build of the library to say; the CPU there always is.
const (
	CUDA     Provider = "cuda"
	WebGPU   Provider = "webgpu"
	DirectML Provider = "directml"
	CoreML   Provider = "coreml"
	CPU      Provider = "cpu"
)

// Providers lists those this system can have, the best first.
func Providers() []Provider {
	switch runtime.GOOS {
	case "windows":
		return []Provider{CUDA, WebGPU, DirectML, CPU}
	case "darwin":
		return []Provider{WebGPU, CoreML, CPU}
	}
	return []Provider{CUDA, WebGPU, CPU}
}
