// Reads a tar on stdin, or the file that is named, with the reader that the rack has; a line of JSON for each entry.
package main

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

func main() {
	var source io.Reader
	if len(os.Args) > 1 {
		// A file that can be sought in, so that what it does not hold need not be read.
		file, err := os.Open(os.Args[1])
		check(err)
		source = file
	} else {
		unzipped, err := gzip.NewReader(os.Stdin)
		check(err)
		source = unzipped
	}
	reader := tar.NewReader(source)
	for {
		header, err := reader.Next()
		if err == io.EOF {
			break
		}
		check(err)
		sum := ""
		if len(os.Args) == 1 {
			hash := sha256.New()
			_, err = io.Copy(hash, reader)
			check(err)
			sum = fmt.Sprintf("%x", hash.Sum(nil))
		}
		line, _ := json.Marshal(map[string]any{
			"name": base64.StdEncoding.EncodeToString([]byte(header.Name)), "kind": string(header.Typeflag),
			"mode": header.Mode, "size": header.Size, "seconds": header.ModTime.Unix(), "sum": sum,
			"owner": fmt.Sprintf("%d %d %s %s", header.Uid, header.Gid, header.Uname, header.Gname),
		})
		fmt.Println(string(line))
	}
	_, err := io.Copy(io.Discard, source)
	check(err)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
