package arch

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// passesOn reports that what is started does nothing but wait for channels, wait groups
// and contexts, and tell others: there is nothing in it that could panic but a channel
// that is closed twice. The rule is about statements, so it can't be talked round.
func passesOn(start ast.Node, cancels map[string]bool) bool {
	var fn ast.Expr
	switch n := start.(type) {
	case *ast.GoStmt:
		if fn = n.Call.Fun; len(n.Call.Args) > 0 {
			return false
		}
	case *ast.CallExpr:
		if len(n.Args) == 0 || lastName(n.Fun) == "Go" && len(n.Args) > 1 {
			return false // internal/contain's have what ends them behind the function
		}
		fn = n.Args[len(n.Args)-1]
	}
	if lit, ok := fn.(*ast.FuncLit); ok {
		return allPass(lit.Body.List, cancels)
	}
	return fn != nil && cancels[lastName(fn)]
}

func allPass(list []ast.Stmt, cancels map[string]bool) bool {
	for _, s := range list {
		if !passes(s, cancels) {
			return false
		}
	}
	return true
}

// passes reports that a statement is one of those that passesOn allows.
func passes(s ast.Stmt, cancels map[string]bool) bool {
	switch s := s.(type) {
	case nil:
		return true // of a default clause
	case *ast.ReturnStmt:
		return len(s.Results) == 0
	case *ast.SendStmt:
		return named(s.Chan) && named(s.Value)
	case *ast.ExprStmt:
		return signals(s.X, cancels)
	case *ast.AssignStmt:
		return len(s.Rhs) == 1 && receives(s.Rhs[0])
	case *ast.DeferStmt:
		return signals(s.Call, cancels)
	case *ast.SelectStmt:
		return allPass(s.Body.List, cancels)
	case *ast.CommClause:
		return passes(s.Comm, cancels) && allPass(s.Body, cancels)
	}
	return false
}

// signals reports that an expression receives, closes a channel, calls the cancel
// function of a context, or the Done or Wait of a wait group.
func signals(x ast.Expr, cancels map[string]bool) bool {
	call, ok := x.(*ast.CallExpr)
	if !ok {
		return receives(x)
	}
	for _, a := range call.Args {
		if !named(a) {
			return false
		}
	}
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name == "close" || cancels[f.Name]
	case *ast.SelectorExpr:
		return named(f.X) && len(call.Args) == 0 && (f.Sel.Name == "Done" || f.Sel.Name == "Wait") || cancels[f.Sel.Name]
	}
	return false
}

// receives reports that an expression is a receive from a channel, or from a context's.
func receives(x ast.Expr) bool {
	u, ok := x.(*ast.UnaryExpr)
	if !ok || u.Op != token.ARROW {
		return false
	}
	if call, ok := u.X.(*ast.CallExpr); ok {
		f, ok := call.Fun.(*ast.SelectorExpr)
		return ok && named(f.X) && f.Sel.Name == "Done" && len(call.Args) == 0
	}
	return named(u.X)
}

// named reports that an expression is a name, or a field of one.
func named(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Ident, *ast.BasicLit:
		return true
	case *ast.SelectorExpr:
		return named(x.X)
	}
	return false
}

func lastName(x ast.Expr) string {
	s := types.ExprString(x)
	return s[strings.LastIndex(s, ".")+1:]
}

// cancelsOf are the names in a file that a context's cancel function is given.
func cancelsOf(f *ast.File) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		a, ok := n.(*ast.AssignStmt)
		if !ok || len(a.Lhs) != 2 || len(a.Rhs) != 1 {
			return true
		}
		if call, ok := a.Rhs[0].(*ast.CallExpr); ok && strings.HasPrefix(types.ExprString(call.Fun), "context.With") {
			names[lastName(a.Lhs[1])] = true
		}
		return true
	})
	return names
}
