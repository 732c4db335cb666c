//go:build cgo

package onnx

import (
	"fmt"
	"strconv"
	"sync"

	ort "github.com/yalue/onnxruntime_go"
)

// linked says that this program can load the library.
const linked = true

// start loads the library, once. It is never unloaded: a runtime that has once tried a GPU may not come back from that.
var start = sync.OnceValue(func() error {
	path, err := Library()
	if err != nil {
		return err
	}
	ort.SetSharedLibraryPath(path)
	if err := ort.InitializeEnvironment(ort.WithLogLevelFatal()); err != nil {
		return fmt.Errorf("%w as it should be: load %s: %w", ErrNoLibrary, path, err)
	}
	return nil
})

// Version is that of the library, loading it if need be.
func Version() (string, error) {
	if err := start(); err != nil {
		return "", err
	}
	return ort.GetVersion(), nil
}

// session makes the runtime's options.
func (o Options) session(folder string) (*ort.SessionOptions, error) {
	options, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	err = options.SetIntraOpNumThreads(o.Threads)
	entries := [][2]string{
		{"session.model_external_initializers_file_folder_path", folder},
		// Weights stay out of the arena, which grows by doubling and never shrinks.
		{"session.use_device_allocator_for_initializers", "1"},
	}
	for _, e := range entries {
		if err == nil && e[1] != "" {
			err = options.AddSessionConfigEntry(e[0], e[1])
		}
	}
	if err == nil && (o.Provider == CPU || o.Provider == "") {
		// A pattern learnt in the first run is one more piece in the second, beside those of the first, which stay.
		err = options.SetMemPattern(false)
	}
	if err == nil {
		err = options.SetLogSeverityLevel(ort.LoggingLevelFatal) // what matters comes back as an error
	}
	if err == nil {
		err = o.provide(options)
	}
	if err != nil {
		options.Destroy()
		return nil, err
	}
	return options, nil
}

// provide adds the provider. What it cannot run the runtime gives to the CPU.
func (o Options) provide(options *ort.SessionOptions) error {
	if o.StandIn != nil {
		return nil
	}
	var err error
	switch o.Provider {
	case CPU, "":
		return nil
	case CUDA:
		err = o.cuda(options)
	case WebGPU:
		err = options.AppendExecutionProvider("WebGPU", map[string]string{})
	case DirectML:
		err = options.AppendExecutionProviderDirectML(o.Device)
	case CoreML:
		err = options.AppendExecutionProviderCoreMLV2(map[string]string{})
	default:
		err = fmt.Errorf("there is no such provider")
	}
	if err != nil {
		return named(err, o.Provider)
	}
	return nil
}

func (o Options) cuda(options *ort.SessionOptions) error {
	c, err := ort.NewCUDAProviderOptions()
	if err != nil {
		return err
	}
	defer c.Destroy()
	set := map[string]string{
		"device_id":             strconv.Itoa(o.Device),
		"arena_extend_strategy": "kSameAsRequested", // doubling would take room that is needed elsewhere
	}
	if o.Memory > 0 {
		set["gpu_mem_limit"] = strconv.FormatInt(o.Memory, 10)
	}
	if err := c.Update(set); err != nil {
		return err
	}
	return options.AppendExecutionProviderCUDA(c)
}
