// Package chart measures how long things take, and draws it: as lines in a terminal, as a
// picture in SVG, and as a sparkline.
package chart
