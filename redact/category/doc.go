// Package category holds the keys that say what kind of data a value is:
// Fideslang's data categories and their tree, and weir's own below "x.".
//
// Fideslang is by Ethyca, Inc. and contributors, licensed CC BY 4.0; its keys
// stand in fideslang.txt. The package imports nothing of weir.
package category
