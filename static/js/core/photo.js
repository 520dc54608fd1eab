/** A photo made small on the phone already: less to keep and to send, and no EXIF. */
const SIDE = 1600;
const MOST_BYTES = 10 * 1024 * 1024;

async function base64(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}

/** Base64 of a JPEG; where the browser cannot read the file, of the file as it is: the server says what is wrong. */
export async function shrink(file, tooLarge) {
  try {
    const image = await createImageBitmap(file, { imageOrientation: "from-image" });
    const share = Math.min(1, SIDE / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.width * share);
    canvas.height = Math.round(image.height * share);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.8));
    if (blob) return await base64(blob);
  } catch {
    /* A format that this browser does not read. */
  }
  if (file.size > MOST_BYTES) throw new Error(tooLarge);
  return base64(file);
}
