/* A stand-in for NVIDIA's libnvidia-ml.so.1, with the few functions that package gpu calls. It lists three devices: one
 * that says everything, one that says only its name and memory, and one that has fallen off the bus. FAKE_NVML_INIT makes
 * nvmlInit return that number. FAKE_NVML_USED and FAKE_NVML_BUSY, such as 1,2,8, are what the first device says of its memory
 * in GB and of its load at the first call, the second and so on; the last stays. FAKE_NVML_MIG puts the first device into MIG
 * mode with that many parts, in every other place. With -DOLD the library lacks what newer drivers brought. Any call before
 * a successful nvmlInit aborts, as the real trap does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUCCESS = 0, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, INSUFFICIENT_SIZE = 7, GPU_IS_LOST = 15 };

typedef struct { unsigned long long total, free, used; } memory;
typedef struct { unsigned gpu, memory; } utilization;

static int ready;
static char devices[2], parts[7]; /* only their addresses matter: a device handle is opaque */

static void need(void) { if (!ready) abort(); }
static int speaks(void *device) { need(); return device == &devices[0]; }

static int say(char *out, unsigned size, const char *text) {
	if (strlen(text) >= size) return INSUFFICIENT_SIZE;
	strcpy(out, text);
	return SUCCESS;
}

static int part(void *device) { return (char *)device >= parts && (char *)device < parts + sizeof parts ? (int)((char *)device - parts) : -1; }

/* next plays a script: number *at of the environment variable, or else. */
static int next(const char *name, int *at, int otherwise) {
	const char *s = getenv(name);
	if (!s) return otherwise;
	for (int i = 0; i < *at && strchr(s, ','); i++) s = strchr(s, ',') + 1;
	++*at;
	return atoi(s);
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

int nvmlDeviceGetName(void *device, char *out, unsigned size) {
	if (part(device) >= 0) return say(out, size, "Fake 9000 MIG 1g.5gb");
	return say(out, size, speaks(device) ? "Fake 9000" : "Fake 1");
}

int nvmlDeviceGetUUID(void *device, char *out, unsigned size) {
	char name[] = "MIG-0";
	name[4] += part(device);
	if (part(device) >= 0) return say(out, size, name);
	return say(out, size, speaks(device) ? "GPU-0" : "GPU-1");
}

int nvmlDeviceGetMemoryInfo(void *device, memory *m) {
	static int at;
	m->total = (part(device) >= 0 ? 5ull : speaks(device) ? 24ull : 8ull) << 30;
	m->used = (part(device) >= 0 ? 1ull : speaks(device) ? (unsigned long long)next("FAKE_NVML_USED", &at, 3) : 3ull) << 30;
	m->free = m->total - m->used;
	return SUCCESS;
}

int nvmlDeviceGetUtilizationRates(void *device, utilization *u) {
	static int at;
	if (!speaks(device)) return NOT_SUPPORTED;
	u->gpu = next("FAKE_NVML_BUSY", &at, 42);
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

#ifndef OLD

typedef struct { unsigned pid; unsigned long long used; unsigned gpu, compute; } process;

int nvmlSystemGetCudaDriverVersion_v2(int *version) { need(); *version = 12060; return SUCCESS; }

int nvmlDeviceGetEnforcedPowerLimit(void *device, unsigned *milliwatts) {
	if (!speaks(device)) return NOT_SUPPORTED;
	*milliwatts = 450000;
	return SUCCESS;
}

int nvmlDeviceGetClockInfo(void *device, int which, unsigned *mhz) {
	if (!speaks(device)) return NOT_SUPPORTED;
	*mhz = which == 1 ? 2520 : 10501;
	return SUCCESS;
}

int nvmlDeviceGetMaxClockInfo(void *device, int which, unsigned *mhz) {
	if (!speaks(device) || which != 1) return NOT_SUPPORTED;
	*mhz = 3105;
	return SUCCESS;
}

int nvmlDeviceGetCurrentClocksThrottleReasons(void *device, unsigned long long *bits) {
	if (!speaks(device)) return NOT_SUPPORTED;
	*bits = 4 | 1; /* the power cap; and idle, which is no reason */
	return SUCCESS;
}

int nvmlDeviceGetComputeRunningProcesses_v3(void *device, unsigned *n, process *out) {
	static const process held[] = {{99, ~0ull, 0, 0}, {4242, 2ull << 30, 0, 0}};
	if (!speaks(device)) return NOT_SUPPORTED;
	unsigned room = *n;
	*n = 2;
	if (room < 2) return INSUFFICIENT_SIZE;
	memcpy(out, held, sizeof held);
	return SUCCESS;
}

int nvmlDeviceGetGraphicsRunningProcesses_v3(void *device, unsigned *n, process *out) {
	static const process held[] = {{77, 512ull << 20, 0, 0}, {4242, 2ull << 30, 0, 0}};
	if (!speaks(device)) return NOT_SUPPORTED;
	unsigned room = *n;
	*n = 2;
	if (room < 2) return INSUFFICIENT_SIZE;
	memcpy(out, held, sizeof held);
	return SUCCESS;
}

int nvmlSystemGetProcessName(unsigned pid, char *out, unsigned size) {
	need();
	if (pid == 99) return NOT_FOUND;
	return say(out, size, pid == 77 ? "/usr/lib/xorg/Xorg" : "/opt/orfeas");
}

int nvmlDeviceGetMigMode(void *device, unsigned *now, unsigned *pending) {
	if (!speaks(device)) return NOT_SUPPORTED;
	*now = *pending = getenv("FAKE_NVML_MIG") != NULL;
	return SUCCESS;
}

int nvmlDeviceGetMaxMigDeviceCount(void *device, unsigned *n) { need(); *n = sizeof parts; return SUCCESS; }

int nvmlDeviceGetMigDeviceHandleByIndex(void *device, unsigned i, void **out) {
	need();
	if (i % 2 || (int)i / 2 >= atoi(getenv("FAKE_NVML_MIG"))) return NOT_FOUND;
	*out = &parts[i];
	return SUCCESS;
}

#endif
