#!/usr/bin/env node
// Packs the npm packages: node packaging/npm/pack.js OUT PLATFORM=BINARY…, as in linux-x64=target/…/lambdry.
// One package for each platform holds its binary; the launcher names them as optional dependencies. The version is the crate's.
"use strict";

const { execFileSync, spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const zlib = require("node:zlib");

const root = path.join(__dirname, "..", "..");
const [out, ...given] = process.argv.slice(2);
if (!out || given.length === 0) {
  console.error("usage: node packaging/npm/pack.js OUT PLATFORM=BINARY…");
  process.exit(2);
}
const version = /^version = "(.+)"$/m.exec(fs.readFileSync(path.join(root, "Cargo.toml"), "utf8"))[1];
const launcher = JSON.parse(fs.readFileSync(path.join(__dirname, "lambdry", "package.json"), "utf8"));

/** Writes a package's folder, packs it, and answers the tarball's path. */
function pack(folder, manifest) {
  fs.writeFileSync(path.join(folder, "package.json"), JSON.stringify(manifest, null, 2) + "\n");
  for (const licence of ["LICENSE-MIT", "LICENSE-APACHE"]) {
    fs.copyFileSync(path.join(root, licence), path.join(folder, licence));
  }
  const options = { cwd: folder, encoding: "utf8", stdio: ["inherit", "pipe", "inherit"] };
  const name = execFileSync("npm", ["pack", "--silent", "--pack-destination", path.resolve(out)], options).trim();
  console.log(name);
  // Packed again as small as it gets: gzip's own best is 1.5 % smaller than Node's, and zopfli, if Python has it, 3 %
  // smaller still.
  const tarball = path.join(out, name);
  const input = zlib.gunzipSync(fs.readFileSync(tarball));
  const packer = "import sys, zopfli.gzip as z; sys.stdout.buffer.write(z.compress(sys.stdin.buffer.read()))";
  const zopfli = spawnSync("python3", ["-c", packer], { input, maxBuffer: 1 << 28 });
  const packed = zopfli.status === 0 ? zopfli.stdout : execFileSync("gzip", ["-9n"], { input, maxBuffer: 1 << 28 });
  fs.writeFileSync(tarball, packed);
}

fs.mkdirSync(out, { recursive: true });
const names = [];
for (const pair of given) {
  const at = pair.indexOf("=");
  const [platform, binary] = [pair.slice(0, at), pair.slice(at + 1)];
  const [os, cpu] = platform.split("-");
  const name = `@lambdry/${platform}`;
  const file = os === "win32" ? "lambdry.exe" : "lambdry";
  const folder = fs.mkdtempSync(path.join(out, "."));
  fs.copyFileSync(binary, path.join(folder, file));
  fs.chmodSync(path.join(folder, file), 0o755);
  const { license } = launcher;
  pack(folder, { name, version, description: `lambdry for ${platform}`, license, os: [os], cpu: [cpu], files: [file] });
  fs.rmSync(folder, { recursive: true });
  names.push(name);
}

const folder = fs.mkdtempSync(path.join(out, "."));
fs.cpSync(path.join(__dirname, "lambdry"), folder, { recursive: true });
launcher.version = version;
launcher.optionalDependencies = Object.fromEntries(names.map((name) => [name, version]));
pack(folder, launcher);
fs.rmSync(folder, { recursive: true });
