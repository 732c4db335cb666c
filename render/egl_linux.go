//go:build linux && !headless

package render

/*
#cgo LDFLAGS: -ldl
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// The few EGL 1.5 calls needed, found at run time, so that nothing has to be installed to start the program.
typedef void *handle;
static struct {
	handle (*getProcAddress)(const char *);
	unsigned (*initialize)(handle, int32_t *, int32_t *);
	unsigned (*bindAPI)(unsigned);
	unsigned (*chooseConfig)(handle, const int32_t *, handle *, int32_t, int32_t *);
	handle (*createContext)(handle, handle, handle, const int32_t *);
	handle (*createPbuffer)(handle, handle, const int32_t *);
	unsigned (*makeCurrent)(handle, handle, handle, handle);
	unsigned (*destroyContext)(handle, handle);
	unsigned (*destroySurface)(handle, handle);
	handle (*display)(handle);
	handle (*platformDisplay)(unsigned, handle, const int32_t *);
	unsigned (*queryDevices)(int32_t, handle *, int32_t *);
	const char *(*deviceString)(handle, int32_t);
} egl;

enum { PLATFORM_DEVICE = 0x313F, PLATFORM_SURFACELESS = 0x31DD, OPENGL_API = 0x30A2, EXTENSIONS = 0x3055 };

typedef struct { handle display, context, surface; const char *via; } offscreen;

static int egl_load(void) {
	if (egl.getProcAddress) return 1;
	handle lib = dlopen("libEGL.so.1", RTLD_NOW | RTLD_LOCAL);
	if (!lib) return 0;
	*(handle *)&egl.initialize = dlsym(lib, "eglInitialize");
	*(handle *)&egl.bindAPI = dlsym(lib, "eglBindAPI");
	*(handle *)&egl.chooseConfig = dlsym(lib, "eglChooseConfig");
	*(handle *)&egl.createContext = dlsym(lib, "eglCreateContext");
	*(handle *)&egl.createPbuffer = dlsym(lib, "eglCreatePbufferSurface");
	*(handle *)&egl.makeCurrent = dlsym(lib, "eglMakeCurrent");
	*(handle *)&egl.destroyContext = dlsym(lib, "eglDestroyContext");
	*(handle *)&egl.destroySurface = dlsym(lib, "eglDestroySurface");
	*(handle *)&egl.display = dlsym(lib, "eglGetDisplay");
	handle (*find)(const char *) = (handle (*)(const char *))dlsym(lib, "eglGetProcAddress");
	if (!find || !egl.initialize || !egl.bindAPI || !egl.chooseConfig || !egl.createContext || !egl.createPbuffer ||
	    !egl.makeCurrent || !egl.destroyContext || !egl.destroySurface || !egl.display) return 0;
	*(handle *)&egl.platformDisplay = find("eglGetPlatformDisplayEXT");
	*(handle *)&egl.queryDevices = find("eglQueryDevicesEXT");
	*(handle *)&egl.deviceString = find("eglQueryDeviceStringEXT");
	egl.getProcAddress = find;
	return 1;
}

// egl_on makes a core 3.3 context on a display, without a surface where the driver can, else with a tiny one.
static int egl_on(offscreen *o, handle display, const char *via) {
	int32_t major, minor, found = 0;
	handle config = 0;
	const int32_t want[] = {0x3033, 0x0001, 0x3040, 0x0008, 0x3024, 8, 0x3023, 8, 0x3022, 8, 0x3038};
	const int32_t core[] = {0x3098, 3, 0x30FB, 3, 0x30FD, 1, 0x3038};
	const int32_t tiny[] = {0x3057, 16, 0x3056, 16, 0x3038};
	if (!display || !egl.initialize(display, &major, &minor) || !egl.bindAPI(OPENGL_API)) return 0;
	if (!egl.chooseConfig(display, want, &config, 1, &found) || found < 1) {
		const int32_t any[] = {0x3033, 0, 0x3040, 0x0008, 0x3038};
		if (!egl.chooseConfig(display, any, &config, 1, &found) || found < 1) return 0;
	}
	handle context = egl.createContext(display, config, 0, core);
	if (!context) return 0;
	handle surface = 0;
	if (!egl.makeCurrent(display, 0, 0, context)) {
		surface = egl.createPbuffer(display, config, tiny);
		if (!surface || !egl.makeCurrent(display, surface, surface, context)) {
			egl.destroyContext(display, context);
			return 0;
		}
	}
	o->display = display; o->context = context; o->surface = surface; o->via = via;
	return 1;
}

// egl_open prefers a hardware device, then whatever draws without a display, then the default display.
static int egl_open(offscreen *o) {
	if (!egl_load()) return 0;
	if (egl.platformDisplay) {
		handle devices[16];
		int32_t n = 0;
		if (egl.queryDevices && egl.queryDevices(16, devices, &n)) {
			for (int i = 0; i < n; i++) {
				const char *e = egl.deviceString ? egl.deviceString(devices[i], EXTENSIONS) : 0;
				if (e && strstr(e, "EGL_MESA_device_software")) continue;
				if (egl_on(o, egl.platformDisplay(PLATFORM_DEVICE, devices[i], 0), "EGL device")) return 1;
			}
		}
		if (egl_on(o, egl.platformDisplay(PLATFORM_SURFACELESS, 0, 0), "EGL surfaceless")) return 1;
	}
	return egl_on(o, egl.display(0), "EGL display");
}

static int egl_current(offscreen *o) { egl.bindAPI(OPENGL_API); return egl.makeCurrent(o->display, o->surface, o->surface, o->context); }
static void egl_close(offscreen *o) {
	egl.makeCurrent(o->display, 0, 0, 0);
	if (o->surface) egl.destroySurface(o->display, o->surface);
	egl.destroyContext(o->display, o->context);
}
static handle egl_find(const char *name) { return egl.getProcAddress(name); }
*/
import "C"

import (
	"errors"
	"fmt"
	"unsafe"
)

type eglContext struct{ c *C.offscreen }

func newEGL() (glContext, error) {
	c := (*C.offscreen)(C.calloc(1, C.sizeof_offscreen))
	if C.egl_open(c) == 0 {
		C.free(unsafe.Pointer(c))
		return nil, fmt.Errorf("%w: EGL gives no OpenGL 3.3 context", ErrNoGL)
	}
	return &eglContext{c}, nil
}

func (e *eglContext) makeCurrent() error {
	if C.egl_current(e.c) == 0 {
		return errors.New("the OpenGL context cannot be used")
	}
	return nil
}

func (e *eglContext) name() string { return C.GoString(e.c.via) }

func (e *eglContext) destroy() {
	C.egl_close(e.c)
	C.free(unsafe.Pointer(e.c))
}

func (e *eglContext) proc(name string) unsafe.Pointer {
	s := C.CString(name)
	defer C.free(unsafe.Pointer(s))
	return unsafe.Pointer(C.egl_find(s))
}
