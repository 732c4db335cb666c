/* A stand-in for NVIDIA's libnvidia-ml.so.1, with the few functions that package gpu calls. It lists three devices: one
 * that says everything, one that says only its name and memory, and one that has fallen off the bus. FAKE_NVML_INIT makes
 * nvmlInit return that number. Any call before a successful nvmlInit aborts, as the real trap does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUCCESS = 0, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, INSUFFICIENT_SIZE = 7, GPU_IS_LOST = 15 };

typedef struct { unsigned long long total, free, used; } memory;
typedef struct { unsigned gpu, memory; } utilization;

static int ready;
static char devices[2]; /* only their addresses matter: a device handle is opaque */

static void need(void) { if (!ready) abort(); }
static int speaks(void *device) { need(); return device == &devices[0]; }

static int say(char *out, unsigned size, const char *text) {
	if (strlen(text) >= size) return INSUFFICIENT_SIZE;
	strcpy(out, text);
	return SUCCESS;
}

int nvmlInit_v2(void) {
	const char *fail = getenv("FAKE_NVML_INIT");
	if (fail) return atoi(fail);
	if (ready++) abort(); /* it is to be opened once */
	return SUCCESS;
}

const char *nvmlErrorString(int code) { return code == GPU_IS_LOST ? "GPU is lost" : "some error"; }

int nvmlSystemGetDriverVersion(char *out, unsigned size) { need(); return say(out, size, "999.1"); }

int nvmlDeviceGetCount_v2(unsigned *n) { need(); *n = 3; return SUCCESS; }

int nvmlDeviceGetHandleByIndex_v2(unsigned i, void **device) {
	need();
	if (i == 2) return GPU_IS_LOST;
	if (i > 2) return INVALID_ARGUMENT;
	*device = &devices[i];
	return SUCCESS;
}

int nvmlDeviceGetName(void *device, char *out, unsigned size) { return say(out, size, speaks(device) ? "Fake 9000" : "Fake 1"); }

int nvmlDeviceGetUUID(void *device, char *out, unsigned size) { return say(out, size, speaks(device) ? "GPU-0" : "GPU-1"); }

int nvmlDeviceGetMemoryInfo(void *device, memory *m) {
	m->total = (speaks(device) ? 24ull : 8ull) << 30;
	m->used = 3ull << 30;
	m->free = m->total - m->used;
	return SUCCESS;
}

int nvmlDeviceGetUtilizationRates(void *device, utilization *u) {
	if (!speaks(device)) return NOT_SUPPORTED;
	u->gpu = 42;
	u->memory = 7;
	return SUCCESS;
}

int nvmlDeviceGetTemperature(void *device, int sensor, unsigned *degrees) {
	if (!speaks(device) || sensor != 0) return NOT_SUPPORTED;
	*degrees = 63;
	return SUCCESS;
}

int nvmlDeviceGetPowerUsage(void *device, unsigned *milliwatts) {
	if (!speaks(device)) return NOT_SUPPORTED;
	*milliwatts = 123500;
	return SUCCESS;
}
