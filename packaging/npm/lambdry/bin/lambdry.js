#!/usr/bin/env node
// Starts the binary of this platform, which its own package holds; it is not downloaded.
"use strict";

const { spawn } = require("node:child_process");

const platform = `${process.platform}-${process.arch}`;
const name = process.platform === "win32" ? "lambdry.exe" : "lambdry";

let binary;
try {
  binary = require.resolve(`@lambdry/${platform}/${name}`);
} catch {
  console.error(
    `lambdry: no binary for ${platform}: the package @lambdry/${platform} is not installed\n` +
      "hint: npm install lambdry without --omit=optional; other platforms build it with cargo",
  );
  process.exit(255);
}

const words = process.argv.slice(2);
if (typeof process.execve === "function") {
  try {
    // This process becomes the binary: signals, streams and exit code need no hands.
    process.execve(binary, ["lambdry", ...words], process.env);
  } catch {
    // Not on this system: a child does it.
  }
}

const child = spawn(binary, words, { argv0: "lambdry", stdio: "inherit" });
// Ctrl-C reaches the child by the terminal; what is sent to this process alone is handed on.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) {
  process.on(signal, () => child.kill(signal));
}
child.on("error", (error) => {
  console.error(`lambdry: cannot start ${binary}: ${error.message}`);
  process.exit(255);
});
child.on("exit", (code, signal) => {
  if (signal) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else {
    process.exit(code);
  }
});
