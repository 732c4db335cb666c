# ORFEAS Studio. 'make run' and 'make test' do everything; 'make help' lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# go-nvml binds functions that newer drivers call deprecated; the compiler would say so forty times.
export CGO_CFLAGS ?= -O2 -g -Wno-deprecated-declarations

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.7.0
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.1.4
SAMPLE := assets/samples/duck.png
DEMO := duck mushroom flower vase

.PHONY: help run test lint race bench build headless licences demo release vuln clean

help: ## say what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: ## install what is missing, build, open the Studio (without a display: convert a sample)
	@tools/setup.sh build
	@tools/onnxruntime.sh
	@$(MAKE) --no-print-directory build
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		echo "opening the Studio"; ./orfeas; \
	else \
		echo "there is no display: converting $(SAMPLE) in the terminal instead"; mkdir -p build; \
		./orfeas convert $(SAMPLE) -o build/duck.stl --preview build/duck.png && \
		echo "the mesh is in build/duck.stl, its picture in build/duck.png"; \
	fi

test: ## install what is missing, then check and test everything
	@tools/setup.sh test
	@tools/onnxruntime.sh
	@$(MAKE) --no-print-directory lint
	@echo "building"; go build -o orfeas . && go build -tags headless -o build/orfeas-headless .
	@echo "testing"; xvfb-run -a -s "-screen 0 1600x1000x24" go test -timeout 40m ./...

lint: ## gofmt, go vet and staticcheck
	@echo "checking the code"; out=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$out" ]; then echo "not gofmt-ed: $$out"; exit 1; fi
	@go vet ./... && go vet -tags headless ./...
	@go run $(STATICCHECK) ./...

race: ## the tests under the race detector
	xvfb-run -a go test -race '-gcflags=github.com/g3n/engine/...=-d=checkptr=0' -timeout 60m ./...

bench: ## the benchmarks
	go test -run '^$$' -bench . -benchmem ./pipeline/...

build: ## build ./orfeas
	@echo "building orfeas (the first time takes some minutes)"; go build -o orfeas .

headless: ## build without a window: needs no GTK, X11 or OpenGL
	go build -tags headless -o build/orfeas-headless .

demo: build ## the animation and the screenshots of the docs, made anew by the program (needs xvfb openbox xdotool imagemagick)
	@mkdir -p build/demo
	@set -e; pairs=(); for s in $(DEMO); do \
		./orfeas convert assets/samples/$$s.png -o build/demo/$$s.glb --faces 40000; \
		pairs+=(assets/samples/$$s.png build/demo/$$s.glb); \
	done; go run ./tools/demo -o docs/demo.gif "$${pairs[@]}"
	@tools/screenshots.sh docs/shots

release: ## archives for this machine's kind of Linux in build/release, the same bytes from the same commit
	@tools/release.sh

licences: ## renew the licences that are built in, after a change of go.mod
	go run ./tools/licences assets/licences.txt

vuln: ## known vulnerabilities in what is linked (needs the network, or VULNDB=file:///FOLDER, a copy of the database)
	@go run $(GOVULNCHECK) $(VULNDB:%=-db %) ./...
	@go run $(GOVULNCHECK) $(VULNDB:%=-db %) -tags headless ./...

clean: ## remove what was built
	rm -rf orfeas build
