/* A photo from the camera as the center takes it: at most so large, upright as it was held, and drawn anew, so that neither the
   place nor the phone stand in it any more. opsCenter.fieldPhoto(file) → data URL; throws where it is no picture. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const LONGEST_PX = 1600;
  const QUALITIES = [0.82, 0.7, 0.5, 0.35];
  const LARGEST_BYTES = 700000; // several fit into what a browser keeps while the line is away

  center.fieldPhoto = async function (file) {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_PX / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const tries = QUALITIES.map((quality) => () => canvas.toDataURL("image/jpeg", quality));
    for (const make of tries) {
      const made = make();
      if (made.length * 0.75 <= LARGEST_BYTES) return made;
    }
    throw new Error("the photo stays too large");
  };
})();
