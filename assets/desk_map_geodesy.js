/* Distances and areas on the ellipsoid of WGS 84, and how they are written. Nothing here knows a map.

   opsCenter.geodesy: metres(a, b), length(points), area(points) in m², ring(centre, radius) → points, said.
   Points are [longitude, latitude] in degrees. Distances follow Vincenty (1975), right to a millimetre; areas are those
   on the sphere of the same area: over a city right to a millionth. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const A = 6378137; // m
  const F = 1 / 298.257223563;
  const B = A * (1 - F);
  const E2 = F * (2 - F);
  const E = Math.sqrt(E2);
  const ROUNDS = 100;
  const radians = (degrees) => (degrees * Math.PI) / 180;

  function metres([lon1, lat1], [lon2, lat2]) {
    const L = radians(lon2 - lon1);
    const [u1, u2] = [lat1, lat2].map((lat) => Math.atan((1 - F) * Math.tan(radians(lat))));
    const [sin1, cos1, sin2, cos2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
    let lambda = L;
    let sigma, sinSigma, cosSigma, cosSqAlpha, cos2Sm;
    for (let round = 0; round < ROUNDS; round++) {
      const [sinL, cosL] = [Math.sin(lambda), Math.cos(lambda)];
      sinSigma = Math.hypot(cos2 * sinL, cos1 * sin2 - sin1 * cos2 * cosL);
      if (sinSigma === 0) return 0;
      cosSigma = sin1 * sin2 + cos1 * cos2 * cosL;
      sigma = Math.atan2(sinSigma, cosSigma);
      const sinAlpha = (cos1 * cos2 * sinL) / sinSigma;
      cosSqAlpha = 1 - sinAlpha ** 2;
      cos2Sm = cosSqAlpha ? cosSigma - (2 * sin1 * sin2) / cosSqAlpha : 0;
      const C = (F / 16) * cosSqAlpha * (4 + F * (4 - 3 * cosSqAlpha));
      const before = lambda;
      lambda = L + (1 - C) * F * sinAlpha * (sigma + C * sinSigma * (cos2Sm + C * cosSigma * (2 * cos2Sm ** 2 - 1)));
      if (Math.abs(lambda - before) < 1e-12) break;
    }
    const uSq = (cosSqAlpha * (A ** 2 - B ** 2)) / B ** 2;
    const a = 1 + (uSq / 16384) * (4096 + uSq * (-768 + uSq * (320 - 175 * uSq)));
    const b = (uSq / 1024) * (256 + uSq * (-128 + uSq * (74 - 47 * uSq)));
    const end = (b / 6) * cos2Sm * (4 * sinSigma ** 2 - 3) * (4 * cos2Sm ** 2 - 3);
    return B * a * (sigma - b * sinSigma * (cos2Sm + (b / 4) * (cosSigma * (2 * cos2Sm ** 2 - 1) - end)));
  }

  const length = (points) => points.slice(1).reduce((sum, point, i) => sum + metres(points[i], point), 0);

  /* What lies between the equator and a parallel of the ellipsoid, against half of it all: the sine of the latitude on the
     sphere of the same area. */
  const share = (sin) => (1 - E2) * (sin / (1 - E2 * sin ** 2) + Math.atanh(E * sin) / E);
  const POLE = share(1);
  const SPHERE_SQ = (A ** 2 * POLE) / 2; // its radius, squared

  /* The sum of what lies between each side and the equator, signed: great circles of that sphere. */
  function area(points) {
    const halves = points.map(([, lat]) => Math.tan(Math.asin(share(Math.sin(radians(lat))) / POLE) / 2));
    let excess = 0;
    points.forEach(([lon], i) => {
      const next = (i + 1) % points.length;
      const turn = Math.tan(radians(points[next][0] - lon) / 2);
      excess += 2 * Math.atan2(turn * (halves[i] + halves[next]), 1 + halves[i] * halves[next]);
    });
    return Math.abs(excess) * SPHERE_SQ;
  }

  /* Corners of a circle, near enough for the eye. */
  function ring([lon, lat], radius, corners = 72) {
    const sin = Math.sin(radians(lat));
    const north = (A * (1 - E2)) / (1 - E2 * sin ** 2) ** 1.5;
    const east = (A / Math.sqrt(1 - E2 * sin ** 2)) * Math.cos(radians(lat));
    const degrees = (metres_, around) => (metres_ / around) * (180 / Math.PI);
    return Array.from({ length: corners }, (_, i) => {
      const angle = (2 * Math.PI * i) / corners;
      return [lon + degrees(radius * Math.sin(angle), east), lat + degrees(radius * Math.cos(angle), north)];
    });
  }

  const number = (value, digits) => value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });

  /* Lengths and areas with the unit that fits their size. */
  function lengthSaid(m, language) {
    const [km, unit] = language === "en" ? ["km", "m"] : ["公里", "米"];
    if (m >= 1000) return `${number(m / 1000, m >= 100e3 ? 0 : 2)} ${km}`;
    return `${number(m, m >= 100 ? 0 : 1)} ${unit}`;
  }

  function areaSaid(m2, language) {
    const [km2, hectares, unit] = language === "en" ? ["km²", "ha", "m²"] : ["平方公里", "公顷", "平方米"];
    if (m2 >= 1e6) return `${number(m2 / 1e6, 2)} ${km2}`;
    if (m2 >= 1e4) return `${number(m2 / 1e4, 2)} ${hectares}`;
    return `${number(m2, 0)} ${unit}`;
  }

  center.geodesy = { metres, length, area, ring, lengthSaid, areaSaid };
})();
