// Refuses a Node that cannot run the sources, before anything fails in a way that nobody understands. On
// x86-64 and 64-bit ARM Linux `npm ci` brings the right one. Plain JavaScript, so that an old Node reads it.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 20)) {
  console.error(
    `koi needs Node 22.20 or newer; this is ${process.versions.node} (${process.execPath}).`,
  );
  console.error(
    'Install a newer Node, or run "npm ci" on Linux x86-64 or arm64, which brings its own.',
  );
  process.exit(1);
}
