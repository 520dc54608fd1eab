/* Looks for a number whose hash begins with enough zeros: nothing for one tip, much for a thousand. */
importScripts("sha256.js");

self.addEventListener("message", ({ data: { nonce, id, bits } }) => {
  const mask = bits >= 32 ? 0xffffffff : (0xffffffff << (32 - bits)) >>> 0;
  for (let counter = 0; ; counter += 1) {
    if ((self.sha256Words(`${nonce}:${id}:${counter}`)[0] & mask) >>> 0 === 0) {
      self.postMessage(String(counter));
      return;
    }
  }
});
