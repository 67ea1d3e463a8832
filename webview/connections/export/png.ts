/** A canvas as the bytes of a PNG file. */

export async function pngBytes(canvas: HTMLCanvasElement): Promise<Uint8Array<ArrayBuffer>> {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (blob === null) throw new Error('the browser could not encode the picture');
  return new Uint8Array(await blob.arrayBuffer());
}
