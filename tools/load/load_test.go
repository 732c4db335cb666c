package main

import (
	"testing"
	"time"
)

// TestItSpeaksToThisMachineOnly: other addresses and too much of anything are refused before a byte is sent.
func TestItSpeaksToThisMachineOnly(t *testing.T) {
	for _, o := range []options{
		{url: "http://192.168.1.1:7860", users: 1}, {url: "http://example.org", users: 1}, {url: "http://127.0.0.1.example.org", users: 1},
		{url: "http://127.0.0.1:1", users: maxUsers + 1}, {url: "http://127.0.0.1:1", users: 1, time: maxTime + 1}, {url: "http://127.0.0.1:1", users: 1, jobs: maxJobs + 1},
		{url: "http://127.0.0.1:1", users: 1, kill: time.Second}, {url: "http://127.0.0.1:1", users: 1, full: time.Minute},
		{url: "http://127.0.0.1:1", users: 1, full: time.Second, disk: "/tmp"},
	} {
		if check(o) == nil {
			t.Errorf("%+v", o)
		}
	}
}

func TestPercentiles(t *testing.T) {
	var times []time.Duration
	for i := range 200 {
		times = append(times, time.Duration(200-i)*time.Millisecond)
	}
	got := percentiles(times)
	if want := [4]string{"100ms", "190ms", "198ms", "200ms"}; [4]string(got) != want {
		t.Errorf("%v, not %v", got, want)
	}
}
